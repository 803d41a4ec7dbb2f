/** Milliseconds since the epoch. Everything that asks for the time takes one of these, so that tests can move it. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** Milliseconds from some start, never set back or forward: for measuring how long ago something was. */
export const monotonicClock: Clock = () => performance.now();
