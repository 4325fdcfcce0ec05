import { z } from 'zod';
import { source } from './sources.js';

const cost = (of: string) => z.number().describe(`Cost of ${of}; a gain is negative`);

/** Which rows count as flagged when precision, recall and costs are told. */
const flag = z.union([
  z.strictObject({
    top: z.number().gt(0).max(1).describe('Share of the rows with the highest scores that is flagged'),
  }),
  z.strictObject({ threshold: z.number().min(0).max(1).describe('Score from which on a row is flagged') }),
]);

/** How matured predictions are judged. */
export const evaluationSchema = z
  .strictObject({
    lateness_days: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe('Days that events may come late; outcomes wait for them'),
    draws: z.number().int().min(200).default(1000).describe('Bootstrap draws behind the intervals'),
    outcomes: source(
      'the outcomes',
      'user_id, as_of_date (day of the prediction), churned (0, 1, or null: not known yet); known besides: happened_at, arrived_at, treated, hold_out (0 or 1)',
      'data/raw/outcomes.parquet',
    )
      .optional()
      .describe(
        'A table of outcomes, instead of deriving them from the events. Several rows of a prediction are corrections: the last that had arrived counts',
      ),
    posted_outcomes: z
      .boolean()
      .default(false)
      .describe('Judge by what POST /outcomes told, instead of by a table or by the events'),
    hold_out: z
      .strictObject({
        share: z.number().gt(0).lt(1).describe('Share of the users, for example 0.05'),
        salt: z.string().default('hold-out').describe('Another text draws other users'),
        redraw_days: z
          .number()
          .int()
          .min(1)
          .optional()
          .describe(
            'Days after which other users are drawn, at least one horizon; without it a user stays for ever',
          ),
      })
      .optional()
      .describe(
        'Draws users whom nobody treats: `score` writes the column hold_out (1: leave this user alone), `evaluate` measures them apart',
      ),
    flag: flag
      .default({ top: 0.1 })
      .describe('Rows that one would act on: measured by precision, recall, lift and cost'),
    costs: z
      .strictObject({
        true_positive: cost('acting on a user who would churn: the offer, less what it saves'),
        false_positive: cost('acting on a user who would stay'),
        false_negative: cost('leaving alone a user who churns'),
        true_negative: cost('leaving alone a user who stays'),
      })
      .optional()
      .describe(
        'What a row costs by what was said and what happened, in any currency; tells cost and profit',
      ),
  })
  .describe('Judging matured predictions');
