import {
  forgetTokens,
  GrantRevokedError,
  keepTokens,
  type OAuthProvider,
  openToken,
  refreshToken,
} from "../../app/lib/vault.server";

const { CRM_URL = "https://crm.example", CRM_CLIENT_ID = "", CRM_CLIENT_SECRET } = process.env;

/** A platform, as its pages for developers describe it. */
const crm: OAuthProvider = {
  name: "crm",
  tokenEndpoint: `${CRM_URL}/token`,
  client: { id: CRM_CLIENT_ID, authentication: "client_secret_basic", secret: CRM_CLIENT_SECRET },
};

/** When the merchant has said yes; `answer` is what the token endpoint answered to the code. */
export const connect = (tenant: string, answer: unknown) => keepTokens(tenant, crm, answer);

/** When the merchant leaves. */
export const disconnect = (tenant: string) => forgetTokens(tenant, { provider: crm });

/** Asks the platform in the tenant's name; undefined where the merchant has to connect, for the first time or again. */
export async function askCrm(tenant: string, path: string): Promise<Response | undefined> {
  const ask = (accessToken: string) =>
    fetch(new URL(path, CRM_URL), { headers: { authorization: `Bearer ${accessToken}` } });
  try {
    const token = await openToken(tenant, crm);
    if (!token) return undefined;
    const answer = await ask(token.accessToken);
    if (answer.status !== 401) return answer;

    // The platform took it back before its time.
    const another = await refreshToken(tenant, crm, { rejected: token.accessToken });
    return another && (await ask(another.accessToken));
  } catch (error) {
    if (error instanceof GrantRevokedError) return undefined;
    throw error;
  }
}
