import type { ClientSettings, SessionBounds, SessionDefaults } from "~/lib/client-settings.server";
import { formatDuration } from "./duration";
import { type Choice, ChoiceField, FieldGroup, type SettingsForm } from "./settings-field";

type Limit = keyof SessionBounds;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What each limit is, which values the list offers (within the bounds), and how they read. */
const LIMITS: Record<Limit, { label: string; hint: string; offered: number[]; say: (v: number) => string }> =
  {
    sessionMaxAgeSeconds: {
      label: "Session lifetime",
      hint: "How long staff stay signed in before Libero asks Commerce7 again.",
      offered: [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY],
      say: formatDuration,
    },
    sessionIdleTimeoutSeconds: {
      label: "Idle limit",
      hint: "A session that was not used for so long ends by itself.",
      offered: [0, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY],
      say: (seconds) => (seconds === 0 ? "No idle limit" : formatDuration(seconds)),
    },
    sessionRenewalLimitSeconds: {
      label: "Renewal with use",
      hint: "Whoever goes on working stays signed in beyond the lifetime, until the session is this old.",
      offered: [0, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY],
      say: (seconds) => (seconds === 0 ? "Not renewed" : `Up to ${formatDuration(seconds)}`),
    },
    sessionMaxPerUser: {
      label: "Sessions per person",
      hint: "On how many browsers one person may be signed in at the same time.",
      offered: [0, 1, 2, 3, 5, 10, 20, 50, 100],
      say: (count) => (count === 0 ? "Any number" : String(count)),
    },
  };

const AT_LIMIT = [
  { value: "end-oldest", words: "End the oldest" },
  { value: "refuse-new", words: "Refuse the new one" },
] as const;

type SessionFieldsProps = {
  form: SettingsForm;
  settings: ClientSettings;
  bounds: SessionBounds;
  defaults: SessionDefaults;
};

/** The winery's session policy. */
export function SessionFields({ form, settings, bounds, defaults }: SessionFieldsProps) {
  const atLimitByDefault = AT_LIMIT.find(({ value }) => value === defaults.sessionAtLimit)?.words ?? "";
  return (
    <FieldGroup
      id="sessions"
      title="Sessions"
      text="These hold from the next sign-in on. A session that is open already keeps what it began with."
    >
      {(Object.keys(LIMITS) as Limit[]).map((name) => (
        <ChoiceField
          key={name}
          name={name}
          label={LIMITS[name].label}
          hint={LIMITS[name].hint}
          form={form}
          unset={byDefault(LIMITS[name].say(defaults[name]))}
          choices={choicesOf(name, bounds[name], settings[name])}
        />
      ))}
      <ChoiceField
        name="sessionAtLimit"
        label="One session too many"
        hint="What happens when somebody signs in who has that many sessions already."
        form={form}
        unset={byDefault(atLimitByDefault)}
        choices={[...AT_LIMIT]}
      />
    </FieldGroup>
  );
}

type SessionSetting = Limit | "sessionAtLimit";

export const isSessionSetting = (name: keyof ClientSettings): name is SessionSetting =>
  name in LIMITS || name === "sessionAtLimit";

/** What a setting says, as the list has it. */
export function sayOfSession(
  name: SessionSetting,
  settings: ClientSettings,
  defaults: SessionDefaults,
): string {
  if (name === "sessionAtLimit") {
    const value = settings.sessionAtLimit ?? defaults.sessionAtLimit;
    const words = AT_LIMIT.find((choice) => choice.value === value)?.words ?? "";
    return settings.sessionAtLimit === null ? byDefault(words) : words;
  }
  const value = settings[name];
  return value === null ? byDefault(LIMITS[name].say(defaults[name])) : LIMITS[name].say(value);
}

function byDefault(words: string): string {
  return `Default (${words.charAt(0).toLowerCase()}${words.slice(1)})`;
}

/** What is offered, and what the winery has now even where the list does not offer it. */
function choicesOf(
  name: Limit,
  { min, max }: { min: number; max: number },
  current: number | null,
): Choice[] {
  const { offered, say } = LIMITS[name];
  const within = offered.filter((value) => value === 0 || (value >= min && value <= max));
  const values = new Set(current === null ? within : [...within, current]);
  return [...values].sort((a, b) => a - b).map((value) => ({ value, words: say(value) }));
}
