import { data } from "@remix-run/node";
import { useRouteError } from "@remix-run/react";
import { FaultPage } from "~/ui/fault-page";

const notFound = () => {
  throw data({ fault: "not-found" }, { status: 404 });
};

export const loader = notFound;
export const action = notFound;

export default function NotFound() {
  return null;
}

export function ErrorBoundary() {
  return <FaultPage error={useRouteError()} />;
}
