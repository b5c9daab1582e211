import { invalid } from '@coxswain/machinery';
import type { ExpressionFaults } from '../expression-faults.ts';
import { semanticEqual } from '../immutable.ts';
import { isExtendedResource } from '../resource-names.ts';
import { type Errors, type Json, specPath } from '../values.ts';
import { validateSelectors } from './device-request.ts';
import * as limits from './limits.ts';
import { validateSlice } from './lists.ts';
import { validateDeviceConfiguration } from './opaque.ts';

/** ValidateDeviceClass without the metadata; `old` is what is stored. */
export function validateDeviceClass(
  errs: Errors,
  deviceClass: Json,
  faults: ExpressionFaults | undefined,
  old?: Json,
): void {
  const spec: Json = deviceClass['spec'] ?? {};
  validateSelectors(errs, spec['selectors'], specPath.child('selectors'), faults);
  const stored = old !== undefined && semanticEqual(spec['config'], old['spec']?.config);
  validateSlice(
    errs,
    spec['config'] as readonly Json[] | undefined,
    limits.deviceConfigs,
    (found, config, path) => {
      validateDeviceConfiguration(found, config, path, stored);
    },
    specPath.child('config'),
  );
  const name: string | undefined = spec['extendedResourceName'];
  if (name == null || isExtendedResource(name)) return;
  errs.push(invalid(specPath.child('extendedResourceName'), name, 'must be a valid extended resource name'));
}
