import type { EndReason, Figures } from "~/lib/operator-figures.server";
import { LocalTime } from "./local-time";

const REASONS: Record<EndReason, string> = {
  signed_out: "Signed out",
  revoked: "Signed out from another browser",
  revoked_by_admin: "Signed out by an administrator",
  operator: "Ended by the operator",
  replaced: "The same browser signed in anew",
  limit: "One sign-in more than the winery allows",
  rights_changed: "Signed in with other rights",
  replayed: "A secret that had been replaced came again",
  uninstalled: "The winery uninstalled Libero",
  expired: "Reached the end of its lifetime",
  idle: "Not used for too long",
  deleted: "Its row was deleted by hand",
};

/** Why sessions ended of late, the most frequent reason first; what did not occur is left out. */
export function EndingsTable({ sinceMs, reasons }: Figures["endings"]) {
  const occurred = (Object.entries(reasons) as [EndReason, number][])
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const total = occurred.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section aria-labelledby="endings" className="mt-10">
      <h2 id="endings" className="text-xl">
        Sessions that ended
      </h2>
      <p className="mt-1 text-sm text-secondary">
        {total === 0 ? "None" : total} since <LocalTime atMs={sinceMs} style="date-time" />, 24 hours ago.
      </p>
      {total > 0 && (
        <div className="mt-4 overflow-hidden rounded-card border border-card-line">
          <table aria-labelledby="endings" className="w-full text-left text-sm tabular-nums">
            <thead className="border-b border-card-line bg-card text-secondary">
              <tr>
                <th scope="col" className="py-2.5 pl-4 font-medium sm:pl-5">
                  Reason
                </th>
                <th scope="col" className="px-4 py-2.5 text-right font-medium sm:px-5">
                  Sessions
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {occurred.map(([reason, count]) => (
                <tr key={reason}>
                  <th scope="row" className="py-3 pl-4 font-normal sm:pl-5">
                    {REASONS[reason]}
                  </th>
                  <td className="px-4 py-3 text-right font-medium sm:px-5">{count}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
