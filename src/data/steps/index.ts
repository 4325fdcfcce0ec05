import { features } from './features.js';
import { labels } from './labels.js';
import { prepare } from './prepare.js';
import type { Step } from './step.js';
import { trainingSet } from './training-set.js';
import { validate } from './validate.js';

/** The pipeline, in order. The generator is no step: it makes a source. */
export const STEPS: readonly Step[] = [validate, prepare, features, labels, trainingSet];
