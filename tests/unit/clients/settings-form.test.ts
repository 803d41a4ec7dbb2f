import { describe, expect, it } from "vitest";
import { NO_SETTINGS, settingsFormSchema } from "../../../app/lib/clients/settings";

const blank = {
  contactEmail: "",
  defaultTheme: "",
  sessionMaxAgeSeconds: "",
  sessionIdleTimeoutSeconds: "",
  sessionRenewalLimitSeconds: "",
  sessionMaxPerUser: "",
  sessionAtLimit: "",
};
const everyField = (value: string) => Object.fromEntries(Object.keys(blank).map((field) => [field, value]));

/** What is saved of a form; its faults by field where it is refused. */
function read(fields: Record<string, unknown>) {
  const parsed = settingsFormSchema.safeParse({ ...blank, ...fields });
  if (parsed.success) return parsed.data;
  return { faults: Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path[0], message])) };
}

it("empty fields leave the choice to the app", () => {
  expect(read({})).toEqual(NO_SETTINGS);
  expect(read(everyField(" \t"))).toEqual(NO_SETTINGS);
});

it("keeps no field that is not one of ours", () => {
  expect(read({ tenantId: "other", clientId: "x" })).not.toHaveProperty("tenantId");
});

describe("contact e-mail", () => {
  const address = (length: number) => `${"a".repeat(length - "@b.example".length)}@b.example`;

  it.each(["jason@example.com", "j.o'brien+wine@cellar.old-oak.example", address(254)])(
    "%s is saved",
    (email) => {
      expect(read({ contactEmail: email })).toMatchObject({ contactEmail: email });
    },
  );

  it("white space around it is left out", () => {
    expect(read({ contactEmail: " jason@example.com\n" })).toMatchObject({
      contactEmail: "jason@example.com",
    });
  });

  it.each([
    "jason",
    "jason@",
    "@example.com",
    "jason@example",
    "a b@example.com",
    "a@b.example, c@d.example",
    "a\0@b.example",
  ])("%j is asked for again", (email) => {
    const mend = "Enter an e-mail address like name@example.com, or leave the field empty.";
    expect(read({ contactEmail: email })).toEqual({ faults: { contactEmail: mend } });
  });

  it("has at most 254 characters", () => {
    const mend = "An e-mail address has at most 254 characters.";
    expect(read({ contactEmail: address(255) })).toEqual({ faults: { contactEmail: mend } });
  });
});

describe("theme", () => {
  it.each(["light", "dark"])("%s is saved", (theme) => {
    expect(read({ defaultTheme: theme })).toMatchObject({ defaultTheme: theme });
  });

  it.each(["blue", "Light", "light,dark", "null"])("%j is asked for again", (theme) => {
    const mend = "Choose light, dark or automatic.";
    expect(read({ defaultTheme: theme })).toEqual({ faults: { defaultTheme: mend } });
  });
});

describe("E6: session lifetime", () => {
  it.each([900, 901, 28_800, 86_400])("%i seconds are saved", (seconds) => {
    expect(read({ sessionMaxAgeSeconds: String(seconds) })).toMatchObject({ sessionMaxAgeSeconds: seconds });
  });

  it.each([
    ["899", "A session lasts at least 15 minutes."],
    ["0", "A session lasts at least 15 minutes."],
    ["-28800", "A session lasts at least 15 minutes."],
    ["86401", "A session lasts at most 24 hours."],
    ["1e9", "A session lasts at most 24 hours."],
    ["8h", "Choose a session lifetime from the list."],
    ["28800.5", "Choose a session lifetime from the list."],
    ["Infinity", "Choose a session lifetime from the list."],
    ["NaN", "Choose a session lifetime from the list."],
  ])("%s is refused: %s", (seconds, mend) => {
    expect(read({ sessionMaxAgeSeconds: seconds })).toEqual({ faults: { sessionMaxAgeSeconds: mend } });
  });
});

describe("E6: idle limit, renewal and sessions per person", () => {
  const idle = "Choose an idle limit from the list, between 5 minutes and 24 hours.";
  const renewal = "Choose a renewal limit from the list, between 1 hour and 30 days.";
  const count = "Choose a number of sessions from the list, between 1 and 100.";

  it.each([
    ["sessionIdleTimeoutSeconds", [0, 300, 301, 86_400]],
    ["sessionRenewalLimitSeconds", [0, 3_600, 3_601, 2_592_000]],
    ["sessionMaxPerUser", [0, 1, 2, 100]],
  ])("%s: %j are saved, 0 for no limit", (field, values) => {
    for (const value of values) expect(read({ [field]: String(value) })).toMatchObject({ [field]: value });
  });

  it.each([
    ["sessionIdleTimeoutSeconds", ["1", "299", "86401", "-300", "1e9", "300.5", "soon", "NaN"], idle],
    ["sessionRenewalLimitSeconds", ["1", "3599", "2592001", "-3600", "3600.5", "Infinity", "7d"], renewal],
    ["sessionMaxPerUser", ["-1", "101", "1.5", "many", "0x"], count],
  ])("%s: %j are refused", (field, values, mend) => {
    for (const value of values) expect(read({ [field]: value })).toEqual({ faults: { [field]: mend } });
  });

  it.each(["end-oldest", "refuse-new"])("at the limit: %s is saved", (choice) => {
    expect(read({ sessionAtLimit: choice })).toMatchObject({ sessionAtLimit: choice });
  });

  it.each(["end-all", "End-oldest", "0", "null"])("at the limit: %j is refused", (choice) => {
    const mend = "Choose what happens from the list.";
    expect(read({ sessionAtLimit: choice })).toEqual({ faults: { sessionAtLimit: mend } });
  });
});

it("every field at fault is named, not the first alone", () => {
  const { faults } = read(everyField("x")) as { faults: Record<string, string> };
  expect(Object.keys(faults).sort()).toEqual(Object.keys(blank).sort());
});

it.each([
  ["a field left out", undefined],
  ["a file in a field's place", new File(["x"], "x.txt")],
])("%s gets a sentence for people, not a parser's", (_what, value) => {
  for (const field of Object.keys(blank)) {
    const { faults } = read({ [field]: value }) as { faults: Record<string, string> };
    expect(faults[field]).toMatch(/^(Enter an e-mail|Choose )/);
  }
});
