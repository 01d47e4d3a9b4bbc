import { type Timestamp } from '#libs/domain';

/** Whole seconds since 1970, as OAuth speaks of time (RFC 7519 2, NumericDate); the one place that converts. */
export function toSeconds(time: Date | Timestamp): number {
  return Math.floor((typeof time === 'string' ? Date.parse(time) : time.getTime()) / 1000);
}
