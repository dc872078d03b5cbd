"""The register of published figures: what reports and alerts have said, and why it would be said differently now."""
