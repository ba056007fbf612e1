export * from './nonstandard.js';
