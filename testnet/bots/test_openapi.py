"""Discord's OpenAPI document drives a live program: schemathesis makes requests of every operation that is documented and served, well
formed and not, and holds each answer against the document. No answer is 5xx (but for 501 with the operation's name), none is late
without end, each has a documented status and shape.

Examples are few and the same in every run. `NEXUS_OPENAPI_EXAMPLES=500 NEXUS_OPENAPI_SEED=7` looks further.
"""

import json
import os
import unittest

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from nexus_node import ROOT, Node

EXAMPLES = int(os.environ.get("NEXUS_OPENAPI_EXAMPLES", "6"))
SEED = int(os.environ.get("NEXUS_OPENAPI_SEED", "1"))
PATIENCE = 60
CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)


class OpenApi(unittest.TestCase):
    def test_every_served_operation_answers_whatever_it_is_sent_as_documented(self):
        data = os.environ.get("NEXUS_DATA", ROOT / "../shared/data")
        document = json.loads((ROOT / data / "discord/openapi.json").read_text())
        # The document says integers for the codes of fields; Discord sends words there, and libraries read words.
        fields = document["components"]["schemas"]["InnerErrors"]["properties"]["_errors"]
        text = {"type": "string"}
        fields["items"] = {"type": "object", "properties": {"code": text, "message": text}, "required": ["code", "message"]}
        self.node = Node()
        self.addCleanup(self.node.stop)
        served = {route["operation"] for route in self.node.rest("GET", "/nexus/compatibility")["served"]}
        found = schemathesis.openapi.from_dict(document).get_all_operations()
        operations = {each.ok().definition.raw["operationId"]: each.ok() for each in found}
        driven = served & operations.keys()
        self.assertGreater(len(driven), 100)
        for name in sorted(driven):
            with self.subTest(name):
                self.drive(operations[name], Stage(self.node, name))

    def drive(self, operation, stage: "Stage") -> None:
        turns = iter(range(EXAMPLES * 10))

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def one(case) -> None:
            # Of four requests three name things that are there.
            if next(turns) % 4:
                case.path_parameters = {name: stage.real.get(name, made) for name, made in case.path_parameters.items()}
            headers = {"Authorization": stage.token(operation.path)}
            answer = case.call(base_url=f"{self.node.url}/api/v10", headers=headers, timeout=PATIENCE)
            if answer.status_code == 501:
                self.assertTrue(answer.json()["message"].startswith("not implemented: "), answer.text)
                return
            self.assertLess(answer.status_code, 500, f"{case.body!r}: {answer.text}")
            case.validate_response(answer, checks=CHECKS)

        one()


class Stage:
    """A guild with one of each, and what they are called in the paths."""

    def __init__(self, node: Node, name: str):
        guild = node.guild(name[:90])
        guild.let_owner_write_without_quota()
        self.owner = node.token
        self.application, token = node.application("Stage")
        guild.add_bot(self.application)
        self.bot = f"Bot {token}"
        message = guild.say("here")["id"]
        role = node.rest("POST", f"/guilds/{guild.id}/roles", {"name": "helper"})["id"]
        webhook = node.rest("POST", f"/channels/{guild.general}/webhooks", {"name": "Postman"})
        command = {"name": "echo", "description": "says it again"}
        commands = f"/applications/{self.application}/guilds/{guild.id}/commands"
        command = node.rest("POST", commands, command, self.bot)["id"]
        invite = node.rest("POST", f"/channels/{guild.general}/invites", {})["code"]
        self.real = {
            "guild_id": guild.id,
            "channel_id": guild.general,
            "message_id": message,
            "user_id": self.application,
            "role_id": role,
            "overwrite_id": role,
            "application_id": self.application,
            "webhook_id": webhook["id"],
            "webhook_token": webhook["token"],
            "command_id": command,
            "code": invite,
            "emoji_name": "%F0%9F%91%8D",
        }

    def token(self, path: str) -> str:
        """Applications are their bots' own matter."""
        return self.bot if path.startswith(("/applications", "/gateway", "/oauth2")) else self.owner
