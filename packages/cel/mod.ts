export {
  type AccessChecker,
  type Asked,
  AuthorizerValue,
  authorizerLibrary,
  CheckValue,
  type Verdict,
} from './admission/authorizer.ts';
export {
  admissionLibrary,
  declarationsOf,
  objectType,
  requestType,
} from './admission/declarations.ts';
export type { Checked, Declarations } from './checker.ts';
export type { CostEstimate } from './cost/estimate.ts';
export type { Range, SizeEstimator } from './cost/range.ts';
export { equal } from './equality.ts';
export { Expression } from './expression.ts';
export type { Activation } from './frame.ts';
export { CostMeter } from './frame.ts';
export { FunctionTable } from './functions.ts';
export type { Issue } from './issue.ts';
export { CelCompileError, CelCostError, CelRuntimeError } from './issue.ts';
export { fromJson, toJson } from './json-value.ts';
export { kubernetesLibrary } from './library/kubernetes.ts';
export { compileRegex, regexFault } from './library/regex.ts';
export { celTypeOfFact } from './schema/fact-type.ts';
export { celTypeOf, escapeName, type TypedSchema } from './schema/schema-type.ts';
export type { CelType, ObjectType } from './types.ts';
export * as celTypes from './types.ts';
export { runtimeTypeText, typeText } from './types.ts';
export { isAssignable } from './unify.ts';
export type { CelMap, CelOpaque, CelValue } from './values.ts';
export {
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelUint,
  isList,
  isMap,
  LiteralMap,
  typeNameOf,
} from './values.ts';
