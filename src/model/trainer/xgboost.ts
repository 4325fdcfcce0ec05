import { boost } from './boost.js';
import { checkedParameters } from './parameters.js';
import type { Trainer } from './trainer.js';
import { forestFromJson } from './xgboost-json.js';

/** XGBoost's tree parameters that keep our promises (probabilities, float32 trees, the same bytes for a seed). */
const TREE_PARAMETERS = [
  'alpha',
  'colsample_bylevel',
  'colsample_bynode',
  'colsample_bytree',
  'eta',
  'gamma',
  'grow_policy',
  'interaction_constraints',
  'lambda',
  'learning_rate',
  'max_bin',
  'max_delta_step',
  'max_depth',
  'max_leaves',
  'min_child_weight',
  'min_split_loss',
  'monotone_constraints',
  'reg_alpha',
  'reg_lambda',
  'scale_pos_weight',
  'subsample',
  'tree_method',
] as const;

/** Boosted trees, histogram method. The margins of a result are those of exactly the kept rounds. */
export const xgboostTrainer: Trainer = {
  id: 'xgboost',
  title: 'Boosted trees (XGBoost)',
  async train(request) {
    const parameters = checkedParameters(request.parameters, TREE_PARAMETERS, this.title);
    const result = await boost(request, 'gbtree', { tree_method: 'hist', ...parameters });
    // The library's own base margin: its logarithm rounds one base score in 500 differently from JavaScript's.
    const forest = { ...forestFromJson(result.json, result.rounds), baseMargin: result.baseMargin };
    return {
      form: { kind: 'trees', forest },
      rounds: result.rounds,
      curve: result.curve,
      probeMargins: result.probeMargins,
      validationMargins: result.validationMargins,
      library: { name: 'XGBoost', version: result.version },
    };
  },
};
