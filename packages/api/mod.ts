export type { FieldFact, ResourceFact, SubresourceFact, TypeFact, ValueFact } from './facts.ts';
