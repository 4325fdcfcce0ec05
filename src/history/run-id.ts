/** Digits and letters without i, l, o, u: nothing to misread, and every collation sorts them alike. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 9;
const CHANCE_LENGTH = 6;
const TAILS = 2 ** (5 * CHANCE_LENGTH);

export const ID_LENGTH = TIME_LENGTH + CHANCE_LENGTH;
const BEGINNING = /^[0-9a-hjkmnp-tv-z]+$/;

/**
 * Makes ids that sort by time: 9 characters of milliseconds since 1970 (enough until the year 3084), then 6 of chance,
 * both in base 32. Ids that one maker makes in the same millisecond also sort in the order in which they were made.
 * @param chance whole numbers from 0 up to, not including, the given bound (2^29: the upper half is left to count on).
 */
export function idMaker(chance: (bound: number) => number): (time: Date) => string {
  let lastMilliseconds = -1;
  let tail = 0;
  return (time) => {
    const milliseconds = time.getTime();
    const follows = milliseconds === lastMilliseconds && tail + 1 < TAILS;
    tail = follows ? tail + 1 : chance(TAILS / 2);
    lastMilliseconds = milliseconds;
    return base32(milliseconds, TIME_LENGTH) + base32(tail, CHANCE_LENGTH);
  };
}

/** The ids that begin so, as an inclusive range of text; null when no id can begin so. */
export function idsBeginning(text: string): { first: string; last: string } | null {
  const beginning = text.toLowerCase();
  if (!BEGINNING.test(beginning) || beginning.length > ID_LENGTH) {
    return null;
  }
  return { first: beginning.padEnd(ID_LENGTH, '0'), last: beginning.padEnd(ID_LENGTH, 'z') };
}

function base32(number: number, length: number): string {
  let rest = number;
  let text = '';
  for (let position = 0; position < length; position++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
