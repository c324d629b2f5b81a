declare const brand: unique symbol;

/** A string or number that only a parser makes. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
