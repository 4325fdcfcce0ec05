import type { Behaviour } from './behaviour.js';
import type { Population } from './population.js';
import { defaultBehaviour, defaultPopulation } from './preset-default.js';
import { sectionBehaviour, sectionPopulation } from './preset-section-12.js';
import type { Preset, SyntheticSettings } from './settings.js';

interface PresetParts {
  population(settings: SyntheticSettings): Population;
  behaviour(settings: SyntheticSettings): Behaviour;
}

export const PRESET_PARTS: Record<Preset, PresetParts> = {
  default: { population: defaultPopulation, behaviour: defaultBehaviour },
  'section-12': { population: sectionPopulation, behaviour: sectionBehaviour },
};
