export declare const paths: string;
export declare const schemas: string;
