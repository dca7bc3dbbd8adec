let second = NaN;
let secondText = "";
const digits: readonly string[] = Array.from(
  { length: 1000 },
  (_, value) => String(value).padStart(3, "0"),
);

/**
 * A time as the API takes it: "2026-05-06T07:08:09.123456Z", always with six digits of fraction and
 * `Z`, which is the one spelling that every edition of the server keeps exactly (swanlab-api §8.4).
 * `time` in ms since epoch, with fraction.
 */
export function createTime(time: number): string {
  let whole = Math.floor(time / 1000);
  let micros = Math.round((time - whole * 1000) * 1000);
  if (micros === 1_000_000) {
    whole++;
    micros = 0;
  }
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1000).toISOString().slice(0, -4);
  }
  const thousands = Math.floor(micros / 1000);
  return `${secondText}${digits[thousands] as string}${digits[
    micros - thousands * 1000
  ] as string}Z`;
}
