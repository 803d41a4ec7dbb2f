import type { ActionFunctionArgs } from "@remix-run/node";
import { guarded } from "~/lib/guard.server";
import { install } from "~/lib/install.server";
import { answerWebhook, refuseOtherMethods } from "~/lib/webhook-answer.server";

export const loader = refuseOtherMethods;

export const action = guarded(({ request }: ActionFunctionArgs) =>
  answerWebhook(async () => {
    const { tenantId, setCookie } = await install(request);
    return { body: { installed: true, tenantId }, setCookie };
  }),
);
