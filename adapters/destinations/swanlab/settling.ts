/**
 * How long in ms a host may take to store points that it accepted: storing is asynchronous, and takes
 * up to five seconds where it is known (swanlab-api §8.4).
 */
export const settling = 8_000;
