"""The words of which people, companies, subjects and sentences are made."""

from __future__ import annotations

FIRST = (
    "Aaliyah", "Adaeze", "Aiko", "Alejandro", "Amélie", "Anders", "Anya", "Beatriz", "Björn", "Camille", "Chidi",
    "Chloé", "Daniel", "Darya", "Elif", "Emma", "Ethan", "Fatima", "Freja", "Giulia", "Grace", "Hana", "Henrik",
    "Ingrid", "Isabel", "Jamal", "Jens", "José", "Julia", "Kaito", "Katarzyna", "Kwame", "Laila", "Lars", "Liam",
    "Linnéa", "Łukasz", "Maria", "Mateo", "Mei", "Mohammed", "Nadia", "Noah", "Olivia", "Omar", "Pilar", "Priya",
    "Rafael", "Renée", "Sakura", "Samuel", "Seán", "Sofia", "Søren", "Tariq", "Thomas", "Uma", "Valentina", "Wei",
    "Yuki", "Yusuf", "Zoë", "Zuzana", "Óscar",
)  # fmt: skip
LAST = (
    "Abara", "Andersson", "Bauer", "Becker", "Bianchi", "Castillo", "Chen", "Costa", "Da Silva", "Dubois", "Eriksen",
    "Fernández", "Fischer", "García", "Gupta", "Haddad", "Hansen", "Hoffmann", "Ibrahim", "Ivanova", "Jensen", "Jones",
    "Kaya", "Kim", "Kowalska", "Kumar", "Larsen", "Lefèvre", "Lindqvist", "López", "Martin", "Mbeki", "Meyer", "Müller",
    "Nakamura", "Nguyen", "Novák", "Nowak", "O'Brien", "Okafor", "Park", "Patel", "Petrov", "Quinn", "Ramírez", "Rossi",
    "Sato", "Schäfer", "Schmidt", "Singh", "Smith", "Sørensen", "Strauß", "Suzuki", "Tanaka", "Taylor", "Tran", "Ünal",
    "van Dijk", "Weiß", "Williams", "Wójcik", "Yamamoto", "Zhang",
)  # fmt: skip
TITLES = (
    "CEO", "Chief Financial Officer", "VP Operations", "Head of Marketing", "Head of IT", "Product Manager",
    "Operations Manager", "Office Manager", "Software Engineer", "Data Analyst", "Marketing Manager", "Accountant",
    "Customer Success Lead", "Consultant", "Student", "",
)  # fmt: skip
INDUSTRIES = (
    "Software", "Retail", "Manufacturing", "Healthcare", "Education", "Finance", "Media", "Logistics", "Food", "Travel",
    "Non-profit", "",
)  # fmt: skip
BRANDS = (
    "Aurora", "Basalt", "Calypso", "Drift", "Echo", "Fathom", "Gale", "Halo", "Iris", "Jade", "Krypton", "Lyric",
    "Monsoon", "Nova", "Orbit", "Prism", "Quill", "Rivet", "Sonar", "Tundra", "Vapor", "Wander", "Yonder", "Zenith",
)  # fmt: skip
"""Brands and former names, unlike anything that a company is called in law."""
TRADES = ("Works", "Group", "Partners", "Digital", "Commerce", "Robotics", "Energy", "Insurance", "Learning", "Pharma")
FORMS = {
    "US": ("Inc.", "LLC", "Corp."),
    "DE": ("GmbH", "AG", "UG (haftungsbeschränkt)", "& Söhne KG"),
    "GB": ("Ltd", "plc", "LLP"),
    "JP": ("K.K.", "株式会社"),
    "FR": ("SARL", "S.A."),
    "SE": ("AB",),
    "NL": ("B.V.",),
}
"""Legal forms by country."""
ABROAD = {"USD": ("US", "US", "US", "CA"), "EUR": ("DE", "FR", "NL"), "GBP": ("GB",), "JPY": ("JP",)}
"""Countries whose companies pay in a currency."""
ZONES = {
    "US": ("America/New_York", "America/Chicago", "America/Los_Angeles"),
    "CA": ("America/Toronto",),
    "DE": ("Europe/Berlin",),
    "FR": ("Europe/Paris",),
    "NL": ("Europe/Amsterdam",),
    "SE": ("Europe/Stockholm",),
    "GB": ("Europe/London",),
    "JP": ("Asia/Tokyo",),
}
DIALLING = {"US": "+1", "CA": "+1", "DE": "+49", "FR": "+33", "NL": "+31", "SE": "+46", "GB": "+44", "JP": "+81"}

FORMS_ON_SITE = ("Demo request", "Contact us", "Newsletter", "Whitepaper download", "Pricing question", "Free trial")
DISQUALIFIED = ("student", "competitor", "wrong contact data", "too small", "not interested", "spam", "no response")
COMPETITORS = ("Globex Metrics", "Hooli Insights", "Umbrella BI", "homegrown")
PARTNERS = ("Contoso Consulting", "Fabrikam Systems", "Tailspin Advisory")
WON_REASONS = ("product fit", "price", "support", "integration", "reference", "speed of rollout")

CALLS = ("Discovery call", "Follow-up call", "Left a voicemail", "Pricing call", "Call with procurement", "No answer")
MEETINGS = ("Product demo", "Kick-off", "Security review", "Workshop with the team", "Quarterly business review")
LETTERS = ("Introduction", "Summary of our call", "Proposal attached", "Checking in", "Contract for signature")
NOTES = (
    "Budget is decided next month.", "Wants SSO, otherwise happy.", "Champion moves to another team.",
    "Compares us with two others.\nDecision by the board.", "Größe und Preis abgestimmt, wartet auf Freigabe.",
    "見積もりを送付しました。", "Prefers annual payment 💳",
)  # fmt: skip
TASKS = ("Send the proposal", "Call back", "Prepare the demo", "Check references", "Chase the signature")

SUBJECTS: dict[str, tuple[str, ...]] = {
    "billing": ("Question about our invoice", "Wrong VAT number on invoice", "Charged twice?", "Rechnung fehlt"),
    "bug": ("Export fails with error 500", "Dashboard shows no data", "Filter ignores umlauts", "Sync stuck since Monday"),
    "howto": ("How do I invite colleagues?", "Can I change the time zone?", "¿Cómo exporto los datos?", "API rate limits"),
    "feature": ("Feature request: dark mode", "Please add SAML", "Webhook retries", "Bulk edit for tags"),
    "account": ("Cannot log in", "Change of account owner", "Reset two-factor authentication", "Delete my account"),
    "outage": ("Nothing loads", "Is the service down?", "API answers 503 since an hour", "ログインできません"),
}
"""Subjects of tickets and chats by category, which becomes a tag."""
QUESTIONS = (
    "Could you please help? We have tried everything in the docs.",
    "This has been happening since yesterday.\n\nThanks in advance!",
    "It is urgent for us, our month-end closing depends on it.",
    "Hallo, können Sie das bitte prüfen? Viele Grüße",
    "See the attached screenshot 🙏",
)
ANSWERS = (
    "Thank you for reaching out, we are looking into it.",
    "Could you tell us which browser you use and when it happened?",
    "You will find the setting under Account > Preferences.",
    "We have corrected this, please try again.",
    "I have passed this on to our engineers and will come back to you.",
)
FOLLOW_UPS = ("It still does not work.", "Thanks, that did it!", "Here is what you asked for.", "Any news?", "Danke!")
INTERNAL = ("Known issue, see the incident of this morning.", "Customer is in renewal, please be quick.", "Needs engineering.")
REMARKS = ("", "", "", "Quick and friendly.", "Took too long.", "Problem not solved 😞", "Super Service!")
