import { buttonClass } from "./button";
import { Icon } from "./icon";

/** Stands for a part of a page that only the database knows: the rest stands without it, so this is no alarm. */
export function AwayNote({ title }: { title: string }) {
  return (
    <div className="mt-4 rounded-card border border-card-line bg-card p-5 sm:flex sm:items-center sm:justify-between sm:gap-8">
      <div className="flex gap-3.5">
        <Icon name="warning" className="mt-0.5 size-5 text-warning" />
        <div role="status" className="text-balance">
          <p className="font-medium">{title}</p>
          <p className="mt-1 text-sm text-secondary">
            Our database does not answer. You stay signed in, and nothing that was saved is lost. This usually
            passes within a minute.
          </p>
        </div>
      </div>
      <p className="mt-4 ml-8.5 sm:m-0">
        {/* biome-ignore lint/a11y/useValidAnchor: an empty address is this page's own; it is loaded anew, scripts or not */}
        <a href="" className={buttonClass({ kind: "quiet", size: "small" })}>
          Try again
        </a>
      </p>
    </div>
  );
}
