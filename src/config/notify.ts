import { z } from 'zod';

export const NOTICE_EVENTS = ['drift', 'decision', 'promotion', 'failure'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

export const notifySchema = z
  .strictObject({
    webhook: z
      .strictObject({
        url: z.string().default('').describe('Address that gets each notice as JSON; empty: none'),
        token: z.string().default('').describe('Sent as `Authorization: Bearer`; empty: none'),
      })
      .prefault({})
      .describe('Notices to a program'),
    slack: z
      .strictObject({
        url: z
          .string()
          .default('')
          .describe('Incoming webhook of Slack, Mattermost and the like; empty: none'),
      })
      .prefault({})
      .describe('Notices to people'),
    log: z.boolean().default(false).describe('Whether each notice is a line of JSON on stderr'),
    events: z
      .array(z.enum(NOTICE_EVENTS))
      .default([...NOTICE_EVENTS])
      .describe(
        'drift: found, and gone; decision: a retrain is needed; promotion: another champion; failure: of a job, and that it works again',
      ),
    attempts: z.number().int().min(1).max(10).default(3).describe('How often a notice is sent when it fails'),
    timeout_seconds: z.number().positive().max(60).default(5).describe('Longest time of one attempt'),
  })
  .prefault({})
  .describe('Who is told what happened');

export type NotifyConfig = z.output<typeof notifySchema>;
