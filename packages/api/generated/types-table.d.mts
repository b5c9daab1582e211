export declare const types: Readonly<Record<string, string>>;
