{
  # Builds nothing by itself: the one native build is CMakeLists.txt, reached through scripts/build-native.mjs.
  'targets': [
    {
      'target_name': 'peerwire',
      'type': 'none',
      'actions': [
        {
          'action_name': 'build_native',
          'message': 'CMake builds peerwire.node',
          'inputs': ['<(module_root_dir)/CMakeLists.txt'],
          'outputs': ['<(PRODUCT_DIR)/peerwire.node'],
          'action': ['node', '<(module_root_dir)/scripts/build-native.mjs', '--copy-to', '<(PRODUCT_DIR)']
        }
      ]
    }
  ]
}
