export declare const resources: string;
export declare const kinds: string;
