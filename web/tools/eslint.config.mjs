// What ESLint holds the JavaScript to: ESLint's own recommended rules, and a few habits of this code.
// web/tools/lint.mjs runs
// it, with the repository's root as its base.
import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  {
    linterOptions: {reportUnusedDisableDirectives: 'error'},
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: 'module',
      // Browser tests hold functions that run in the page, so both worlds are known everywhere.
      globals: {...globals.browser, ...globals.worker, ...globals.node},
    },
    rules: {
      'eqeqeq': 'error',
      'no-nested-ternary': 'error',
      'no-unused-vars': ['error', {varsIgnorePattern: '^_$', ignoreRestSiblings: true}],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {files: ['**/*.js'], languageOptions: {sourceType: 'script', globals: globals.serviceworker}},
];
