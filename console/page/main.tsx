/** The console's page. */
export {};
