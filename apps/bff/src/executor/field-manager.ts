/** The field manager of everything that the console applies. */
export const FIELD_MANAGER = 'flatland-console';
