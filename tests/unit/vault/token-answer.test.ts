import { expect, it } from "vitest";
import { parseTokenAnswer } from "../../../app/lib/vault/token-answer";

const LEAST = { accessToken: "a", tokenType: "Bearer" };

it.each([
  ["what RFC 6749 requires", { access_token: "a", token_type: "Bearer" }, LEAST],
  ["less than that", { access_token: "a" }, LEAST],
  [
    "nothing but nulls beside",
    { access_token: "a", token_type: null, refresh_token: null, scope: null },
    LEAST,
  ],
  ["a refresh token without a letter", { access_token: "a", refresh_token: "" }, LEAST],
  ["another type", { access_token: "a", token_type: "bot" }, { accessToken: "a", tokenType: "bot" }],
  ["half a second", { access_token: "a", expires_in: 0.5 }, LEAST],
  ["a second and a half", { access_token: "a", expires_in: "1.5" }, { ...LEAST, expiresInSeconds: 1 }],
  ["a scope", { access_token: "a", scope: "" }, { ...LEAST, scope: "" }],
])("an answer with %s is read as what it can be", (_name, answer, tokens) => {
  expect(parseTokenAnswer(answer)).toEqual(tokens);
});
