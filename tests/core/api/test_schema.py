from __future__ import annotations

from core.api.fields import PublicIdField
from core.api.schema import PublicIdExtension, add_problem_responses


def document() -> dict[str, object]:
    return {
        "paths": {
            "/x/": {
                "get": {"responses": {"200": {}, "404": {"description": "special"}}},
                "post": {"responses": {"201": {}}, "security": [{"other": []}]},
                "parameters": [],
            }
        }
    }


def test_every_operation_says_what_can_go_wrong_and_keeps_what_it_said() -> None:
    result = add_problem_responses(document(), None, None, True)
    get = result["paths"]["/x/"]["get"]
    assert set(get["responses"]) == {"200", "401", "403", "404", "409", "422", "429"}
    assert get["responses"]["404"] == {"description": "special"}
    assert get["responses"]["429"]["content"]["application/problem+json"]["schema"] == {
        "$ref": "#/components/schemas/Problem"
    }
    assert "Problem" in result["components"]["schemas"]


def test_post_takes_an_idempotency_key_and_the_others_do_not() -> None:
    result = add_problem_responses(document(), None, None, True)
    parameters = result["paths"]["/x/"]["post"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["Idempotency-Key"]
    assert "parameters" not in result["paths"]["/x/"]["get"]


def test_both_ways_to_sign_in_hold_for_the_whole_document() -> None:
    result = add_problem_responses(document(), None, None, True)
    assert result["security"] == [{"ApiKey": []}, {"Bearer": []}]
    assert set(result["components"]["securitySchemes"]) == {"ApiKey", "Bearer"}
    assert "security" not in result["paths"]["/x/"]["post"]


def test_a_public_id_is_a_string_with_its_pattern() -> None:
    schema = PublicIdExtension(PublicIdField("con")).map_serializer_field(None, "response")
    assert (schema["type"], schema["pattern"]) == ("string", "^con_[0-9A-Za-z]{22}$")
