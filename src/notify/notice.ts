import type { NoticeEvent } from '../config/notify.js';

/** A change of state that people or programs are told. What channels send, and what history keeps. */
export interface Notice {
  event: NoticeEvent;
  /** What has a state: `drift`, `decision`, `champion`, or a job by its command. */
  subject: string;
  /** What it is now: FAIL, retrain, a version, failed, ... */
  state: string;
  /** One sentence for people. */
  text: string;
  /** The run that it is about; `churn-mlops explain` tells more. */
  run: string;
  /** When the state was found, as ISO text in UTC. */
  at: string;
  /** Only on record, so that the next change is seen. */
  silent: boolean;
}
