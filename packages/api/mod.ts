export type { FieldFact, ResourceFact, SubresourceFact, TypeFact, ValueFact } from '@coxswain/machinery';
