"""HubSpot's own SDK with its transport replaced by one that hands out what came.

The SDK retries GET alone, only if a Retry-After stands in the answer, has no timeout, makes a connection pool per use,
and turns bodies into models (measured on hubspot-api-client 12.0.0); its `api_request` ignores the base URL and is not used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import urllib3
from hubspot import HubSpot
from hubspot.discovery.discovery_base import DiscoveryBase

from connectors.hubspot.credentials import Grant, KeyRefused
from cynosure.extract import Retrying, RetryLater

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0

#: picks a method of the SDK's client
Pick = Callable[[Any], Callable[..., Any]]


class VerbatimTransport:
    """Takes the place of the SDK's REST client: the answer as it came, whatever its status, with no retry and no redirect."""

    def __init__(self, pool: urllib3.PoolManager) -> None:
        self._pool = pool

    def GET(self, url: str, **request: Any) -> urllib3.BaseHTTPResponse:  # noqa: N802 - the SDK calls it so
        """A GET as the SDK describes it."""
        return self._send("GET", url, fields=request["query_params"], headers=request["headers"])

    def POST(self, url: str, **request: Any) -> urllib3.BaseHTTPResponse:  # noqa: N802 - the SDK calls it so
        """A POST of JSON, or of a form where the SDK gives one."""
        if request["post_params"]:
            return self._send("POST", url, fields=request["post_params"], headers=request["headers"], encode_multipart=False)
        headers = {"Content-Type": "application/json", **request["headers"]}
        return self._send("POST", url, body=json.dumps(request["body"]), headers=headers)

    def _send(self, method: str, url: str, **request: Any) -> urllib3.BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        return self._pool.request(method, url, timeout=timeout, retries=False, redirect=False, **request)


class Sdk:
    """HubSpot's client with one connection pool, each of its APIs made once."""

    def __init__(self, base_url: str) -> None:
        self._transport = VerbatimTransport(urllib3.PoolManager(maxsize=16))
        self._made: dict[tuple[str, str], Any] = {}
        self._client = HubSpot(host=base_url, api_factory=self._api)

    def call(self, pick: Pick, token: str, /, *args: Any, **more: Any) -> urllib3.BaseHTTPResponse:
        """One request of a method such as `lambda client: client.crm.objects.basic_api.get_page`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer: urllib3.BaseHTTPResponse = pick(self._client)(*args, _headers=headers, _preload_content=False, **more)
        return answer

    def _api(self, package: Any, name: str, config: dict[str, Any]) -> Any:
        key = (package.__name__, name)
        if key not in self._made:
            api = DiscoveryBase._default_api_factory(package, name, config)
            api.api_client.rest_client = self._transport
            self._made.setdefault(key, api)
        return self._made[key]


def renewal(sdk: Sdk, client_id: str, client_secret: str, retrying: Retrying) -> Callable[[str], Grant]:
    """Exchanges a refresh token for an access token."""

    def once(refresh_token: str) -> Grant:
        try:
            response = sdk.call(
                lambda client: client.oauth.tokens_api.create,
                "",
                grant_type="refresh_token",
                client_id=client_id,
                client_secret=client_secret,
                refresh_token=refresh_token,
            )
        except urllib3.exceptions.HTTPError as error:
            raise RetryLater(f"HubSpot cannot be reached: {type(error).__name__}") from None
        if response.status == 429 or response.status >= 500:
            raise RetryLater(f"/oauth/v1/token: HTTP {response.status}")
        if response.status != 200:
            raise KeyRefused(
                f"HubSpot refused to renew the access token (HTTP {response.status}): client_id, client_secret or"
                " refresh_token is wrong, or the app was uninstalled"
            )
        try:
            return msgspec.json.decode(response.data, type=Grant)
        except msgspec.DecodeError as error:
            raise RetryLater(f"/oauth/v1/token: the answer cannot be read: {error}") from None

    return lambda refresh_token: retrying.call(lambda: once(refresh_token))
