// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What an implementation does when the proxy takes it: once it sets itself up from words that were announced before; later it
/// takes no words of its own, only those for a helper (an "external initialiser") that changes what there is no setter for.
///
/// The data is one word per part of the implementation, one for the helper's address, then the words.
abstract contract BehindProxy {
    address private immutable itself = address(this);

    function initialize(bytes calldata data) external {
        require(address(this) != itself, "DIRECT_CALL_DISALLOWED");
        uint256 parts = 32 * _parts();
        require(data.length >= parts + 32, "INIT_DATA_TOO_SMALL");
        address helper = abi.decode(data[parts:parts + 32], (address));
        _setParts(data[:parts]);
        bytes calldata words = data[parts + 32:];
        if (helper != address(0)) return _initializeBy(helper, words);
        if (_isInitialized()) {
            require(words.length == 0, "UNEXPECTED_INIT_DATA");
            return;
        }
        _initializeOnce(words);
    }

    /// How many other contracts the implementation is made of.
    function _parts() internal view virtual returns (uint256) {
        return 0;
    }

    function _setParts(bytes calldata addresses) internal virtual {}

    function _isInitialized() internal view virtual returns (bool);

    function _initializeOnce(bytes calldata words) internal virtual;

    function _initializeBy(address helper, bytes calldata words) private {
        require(helper.code.length > 0, "EIC_NOT_A_CONTRACT");
        (bool done, bytes memory answer) = helper.delegatecall(abi.encodeCall(this.initialize, (words)));
        require(done && answer.length == 0, string(answer));
    }
}
