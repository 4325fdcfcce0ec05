import type { MeasureId } from '../monitor/performance/report.js';

/** What the policy acts on. Every rule can be switched off; `no_champion` and `cooldown.days: 0` need no switch. */
export interface PolicySettings {
  drift: {
    enabled: boolean;
    /** A feature judged by PSI has moved when its PSI lies above this and is no noise. */
    max_psi: number;
    /**
     * Persistence: of the last `of` checks at least `needed` must have found drift, the newest among them. All of them
     * must be younger than `evidence_max_age_days`.
     */
    checks: { of: number; needed: number };
  };
  performance: {
    enabled: boolean;
    /** The primary measure. */
    measure: MeasureId;
    /** How much worse than the champion's held-out record is allowed. */
    fall: number;
    /** `relative`: a share of the record (0.1 is 10 %); `absolute`: in units of the measure. */
    mode: 'relative' | 'absolute';
    /** Whether the fall must also exceed its noise (see rules/performance.ts). */
    beyond_noise: boolean;
  };
  schedule: {
    enabled: boolean;
    /** Days after the champion's training. */
    every_days: number;
  };
  new_data: {
    enabled: boolean;
    /** Labelled days that the champion has not seen. */
    days: number;
  };
  cooldown: {
    /** No retrain within so many days after the last attempt, whatever came of it; 0 for never. */
    days: number;
  };
  broken_feed: {
    enabled: boolean;
    /** A feature with a larger share of nulls, new since training, says that the feed is broken. */
    null_share: number;
    /** So does a check that saw less than this share of the rows that the checks before it saw. */
    volume_share: number;
  };
  /** Drift reports and evaluations older than so many days are no evidence. */
  evidence_max_age_days: number;
}
