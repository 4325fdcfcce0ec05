import { z } from 'zod';

const share = z.number().gt(0).lt(1);

/** When to retrain: one section a rule. */
export const policySchema = z
  .strictObject({
    drift: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether drift may call for a retrain'),
        max_psi: z.number().positive().default(0.25).describe('Largest PSI that is borne'),
        checks: z
          .strictObject({
            of: z.number().int().min(1).default(1).describe('How many of the newest checks are looked at'),
            needed: z.number().int().min(1).default(1).describe('How many of them must have failed'),
          })
          .default({ of: 1, needed: 1 })
          .describe('Persistence before the rule fires'),
      })
      .prefault({})
      .describe('Rule: the data have moved'),
    performance: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a fall may call for a retrain'),
        measure: z
          .enum(['pr_auc', 'roc_auc', 'log_loss', 'brier'])
          .default('pr_auc')
          .describe('Measure that is watched'),
        fall: z.number().positive().default(0.1).describe('Fall against the held-out record that is borne'),
        mode: z
          .enum(['relative', 'absolute'])
          .default('relative')
          .describe('relative: share of the record; absolute: points'),
        beyond_noise: z
          .boolean()
          .default(true)
          .describe('Whether the fall must also exceed its sampling error'),
      })
      .prefault({})
      .describe('Rule: matured predictions were worse than promised'),
    schedule: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether age may call for a retrain'),
        every_days: z
          .number()
          .int()
          .min(1)
          .default(30)
          .describe('Age of the champion that is borne, in days'),
      })
      .prefault({})
      .describe('Rule: the champion is old'),
    new_data: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether new labels may call for a retrain'),
        days: z
          .number()
          .int()
          .min(1)
          .default(30)
          .describe("Days of new labels since the champion's training data"),
      })
      .prefault({})
      .describe('Rule: much has been learnt since'),
    cooldown: z
      .strictObject({
        days: z.number().int().min(0).default(7).describe('Days after a retrain in which there is no other'),
      })
      .prefault({})
      .describe('Veto: a retrain was just tried'),
    broken_feed: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a broken feed forbids a retrain'),
        null_share: share
          .default(0.5)
          .describe('Share of nulls in a feature, new since training, from which the feed counts as broken'),
        volume_share: share
          .default(0.5)
          .describe('Share of the rows of earlier checks below which the feed counts as broken'),
      })
      .prefault({})
      .describe('Veto: the data are broken, learning from them would spoil the model'),
    evidence_max_age_days: z.number().int().min(1).default(14).describe('Older reports are not evidence'),
  })
  .describe('When to retrain');
