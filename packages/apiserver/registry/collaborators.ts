import * as api from '@coxswain/api';
import * as machinery from '@coxswain/machinery';

const a = api as any;
const m = machinery as any;

export const applyDefaults = a.applyDefaults ?? (() => {});
export const validateCreate = a.validateCreate ?? (() => []);
export const validateUpdate = a.validateUpdate ?? (() => []);
export const validateStatusUpdate = a.validateStatusUpdate ?? (() => []);
export const prepareForCreate = a.prepareForCreate ?? (() => {});
export const prepareForUpdate = a.prepareForUpdate ?? (() => {});
export const prepareForStatusUpdate =
  a.prepareForStatusUpdate ??
  ((_r: any, o: any, old: any) => {
    o.spec = old.spec;
  });
export const applyServerSide = m.applyServerSide;
export const trackUpdate = m.trackUpdate ?? (({ updated }: any) => updated);
export const tableFor = (_r: unknown): { columns: unknown[]; cells(o: any, now: number): unknown[] } => ({
  columns: [],
  cells: (o) => [o.metadata.name],
});
