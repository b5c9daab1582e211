export declare const featureGates: string;
