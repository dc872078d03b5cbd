"""The inbox: mails and Slack messages on one page, as their readers would see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.inbox.letters import attachment, attachments_of, html_of, text_of
from sandbox.inbox.mrkdwn import emoji, to_html
from sandbox.mail.mailbox import Mailbox
from sandbox.slack.workspace import Workspace

_HERE = Path(__file__).parent
_OWN_POLICY = "default-src 'self'; img-src 'self' http: https: data:; frame-src 'self'"
_MAIL_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups"


@dataclass
class Inbox:
    """The pages over a mailbox and a workspace."""

    mailbox: Mailbox
    workspace: Workspace
    now: Callable[[], int]

    def __post_init__(self) -> None:
        self._pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
        self._pages.filters |= {"mrkdwn": to_html, "emoji": emoji, "moment": _moment, "clock": _clock}

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/", self._home),
                Route("/style.css", self._static),
                Route("/inbox.js", self._static),
                Route("/state", self._state),
                Route("/mail", self._home),
                Route("/mail/{number:int}", self._mail),
                Route("/mail/{number:int}/html", self._mail_html),
                Route("/mail/{number:int}/source", self._source),
                Route("/mail/{number:int}/attachments/{position:int}", self._attachment),
                Route("/slack/{channel}", self._channel),
                Route("/files/{id}", self._file),
            ]
        )

    async def _static(self, request: Request) -> Response:
        return FileResponse(_HERE / "templates" / request.url.path.lstrip("/"))

    async def _state(self, request: Request) -> Response:
        return JSONResponse({"mails": len(self.mailbox.all()), "messages": len(self.workspace.history())})

    async def _home(self, request: Request) -> Response:
        mails = self.mailbox.all()
        if mails:
            return RedirectResponse(f"/mail/{mails[-1].number}")
        posted = self.workspace.history()
        if posted:
            return RedirectResponse(f"/slack/{self.workspace.channels()[posted[0].channel]}")
        return self._page("empty.html")

    async def _mail(self, request: Request) -> Response:
        number = request.path_params["number"]
        message = self._message(number)
        mail = next(mail for mail in self.mailbox.all() if mail.number == number)
        html, text = html_of(message), text_of(message)
        view = request.query_params.get("view") or ("html" if html is not None else "text")
        return self._page(
            "mail.html", mail=mail, message=message, has_html=html is not None, text=text, view=view,
            attachments=attachments_of(message),
        )  # fmt: skip

    async def _mail_html(self, request: Request) -> Response:
        text = html_of(self._message(request.path_params["number"])) or ""
        opened = '<base target="_blank">' + text
        return HTMLResponse(opened, headers={"Content-Security-Policy": _MAIL_POLICY})

    async def _source(self, request: Request) -> Response:
        self._message(request.path_params["number"])
        content = self.mailbox.path(request.path_params["number"]).read_bytes()
        return PlainTextResponse(content.decode("utf-8", "replace"))

    async def _attachment(self, request: Request) -> Response:
        try:
            found, content = attachment(self._message(request.path_params["number"]), request.path_params["position"])
        except KeyError:
            raise HTTPException(404) from None
        return Response(content, media_type=found.type, headers=_saved_as(found.name))

    async def _channel(self, request: Request) -> Response:
        channel = self.workspace.find_channel(request.path_params["channel"])
        if channel is None:
            raise HTTPException(404)
        messages = self.workspace.history(channel)[::-1]
        files = {id: self.workspace.file(id) for message in messages for id in message.files}
        return self._page("slack.html", channel=self.workspace.channels()[channel], messages=messages, files=files)

    async def _file(self, request: Request) -> Response:
        try:
            file = self.workspace.file(request.path_params["id"])
            content = self.workspace.content(request.path_params["id"])
        except (KeyError, FileNotFoundError):
            raise HTTPException(404) from None
        is_image = content[:8] == b"\x89PNG\r\n\x1a\n"
        media_type = "image/png" if is_image else "application/octet-stream"
        return Response(content, media_type=media_type, headers={} if is_image else _saved_as(file.name))

    def _message(self, number: int) -> Any:
        try:
            return self.mailbox.message(number)
        except KeyError:
            raise HTTPException(404) from None

    def _page(self, template: str, **values: Any) -> Response:
        names = self.workspace.channels()
        posted = [message.channel for message in self.workspace.history()]
        counts = {names[id]: posted.count(id) for id in names if id in posted}
        page = self._pages.get_template(template).render(
            mails=self.mailbox.all()[::-1], channels=counts, now=self.now(), **values
        )
        return HTMLResponse(page, headers={"Content-Security-Policy": _OWN_POLICY})


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def _moment(seconds: Any) -> str:
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%a %d %b %Y, %H:%M UTC")


def _clock(seconds: Any) -> str:
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%d %b %H:%M")
