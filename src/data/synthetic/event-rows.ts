/** A chunk of events being filled. */
export interface EventRows {
  count: number;
  readonly capacity: number;
  /** In the order of EVENT_COLUMNS. */
  readonly columns: readonly (Float64Array | Int32Array)[];
  add(
    id: number,
    user: number,
    day: number,
    minute: number,
    type: number,
    course: number,
    watched: number,
    score: number,
    amount: number,
  ): void;
}

const MICROSECONDS_PER_MINUTE = 60_000_000;
const MINUTES_PER_DAY = 1440;

/** `firstDay` is the day number of day 0. */
export function eventRows(capacity: number, firstDay: number): EventRows {
  const ids = new Float64Array(capacity);
  const users = new Int32Array(capacity);
  const times = new Float64Array(capacity);
  const types = new Int32Array(capacity);
  const courses = new Int32Array(capacity);
  const minutes = new Float64Array(capacity);
  const scores = new Float64Array(capacity);
  const amounts = new Float64Array(capacity);
  const rows: EventRows = {
    count: 0,
    capacity,
    columns: [ids, users, times, types, courses, minutes, scores, amounts],
    add: (id, user, day, minute, type, course, watched, score, amount) => {
      const i = rows.count++;
      ids[i] = id;
      users[i] = user;
      times[i] = ((firstDay + day) * MINUTES_PER_DAY + minute) * MICROSECONDS_PER_MINUTE;
      types[i] = type;
      courses[i] = course;
      minutes[i] = watched;
      scores[i] = score;
      amounts[i] = amount;
    },
  };
  return rows;
}
