import { z } from 'zod';
import { sampling } from './label.js';

const share = z.number().gt(0).lt(1);

const parameter = z.union([z.string(), z.number()]).describe('Value of the parameter of that name');

/** How the training set is drawn, split and learnt from. */
export const trainingSchema = z
  .strictObject({
    trainer: z.enum(['xgboost', 'linear']).default('xgboost').describe('What train and retrain use'),
    sampling: sampling.default('weekly').describe('Which days of a user become rows of the training set'),
    complete_windows: z
      .boolean()
      .default(true)
      .describe('Whether rows start only when the longest window is complete'),
    exclude: z.array(z.string()).default([]).describe('Columns that the model may not see'),
    test_share: share.default(0.2).describe('Newest part of the labelled days, held out for measuring'),
    validation_share: share
      .default(0.2)
      .describe('Newest part of the remaining days, for early stopping and calibration'),
    purge_days: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Gap between the parts in days; default: the label horizon'),
    seed: z.number().int().default(42).describe('Seed of everything random'),
    rounds: z.number().int().min(1).default(400).describe('Most boosting rounds'),
    early_stopping_rounds: z
      .number()
      .int()
      .min(1)
      .default(30)
      .describe('Rounds without progress on validation before stopping'),
    calibrate: z
      .boolean()
      .default(true)
      .describe('Whether to calibrate the probabilities (Platt) where that lowers log loss'),
    xgboost: z
      .record(z.string(), parameter)
      .default({
        max_depth: 4,
        eta: 0.05,
        min_child_weight: 20,
        subsample: 0.8,
        colsample_bytree: 0.6,
        lambda: 5,
      })
      .describe('Parameters of XGBoost, as its documentation names them'),
    linear: z
      .record(z.string(), parameter)
      .default({ eta: 1, lambda: 0.001 })
      .describe("Parameters of the linear baseline (XGBoost's gblinear)"),
  })
  .describe('How a model is trained');
