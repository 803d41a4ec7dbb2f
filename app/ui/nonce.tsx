import { createContext, useContext } from "react";

const NonceContext = createContext<string | undefined>(undefined);

export const NonceProvider = NonceContext.Provider;

/** The nonce that the answer's Content-Security-Policy names; undefined in the browser, where it must not be readable. */
export const useNonce = () => useContext(NonceContext);
