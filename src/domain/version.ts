/** The version of all roles, as in package.json. */
export const VERSION = "0.2.0";
