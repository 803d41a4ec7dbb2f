import type { ActionFunctionArgs } from "@remix-run/node";
import { guarded } from "~/lib/guard.server";
import { install } from "~/lib/install.server";
import { addressOf } from "~/lib/rate-limits.server";
import { answerWebhook, refuseOtherMethods } from "~/lib/webhook-answer.server";

export const loader = refuseOtherMethods;

export const action = guarded(({ request, context }: ActionFunctionArgs) =>
  answerWebhook(async () => {
    const { tenantId, setCookie } = await install(request, addressOf(context));
    return { body: { installed: true, tenantId }, setCookie };
  }),
);
