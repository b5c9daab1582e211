import { admissionPolicies } from './extensions/admission-policies.ts';
import { admissionWebhooks } from './extensions/admission-webhooks.ts';
import { aggregation } from './extensions/aggregation.ts';
import { conversionWebhooks } from './extensions/conversion-webhooks.ts';
import { customResources } from './extensions/custom-resources.ts';
import { publishedSchemas } from './extensions/published-schemas.ts';
import { runBehaviours } from './support/behaviours.ts';

runBehaviours('[sig-api-machinery] extensions', 'coae', [
  admissionPolicies,
  admissionWebhooks,
  aggregation,
  conversionWebhooks,
  customResources,
  publishedSchemas,
]);
