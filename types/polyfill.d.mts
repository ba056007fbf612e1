import exports = require('./polyfill.js');
export * from './polyfill.js';
export default exports;
