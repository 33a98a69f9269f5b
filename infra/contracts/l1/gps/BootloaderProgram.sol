// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The words of the program in which a statement's tasks ran. They are those it is deployed with, and lie as another
/// contract's code.
contract BootloaderProgram {
    address private immutable words;

    constructor(uint256[] memory program) {
        // Returns what follows it: 11 bytes of code, then the words.
        bytes memory code = abi.encodePacked(hex"600b80380380915f395ff3", program);
        address kept;
        assembly ("memory-safe") {
            kept := create(0, add(code, 0x20), mload(code))
        }
        require(kept != address(0), "PROGRAM_TOO_LONG");
        words = kept;
    }

    /// An array of fixed length: its words, and nothing before them.
    function getCompiledProgram() external view {
        address code = words;
        assembly {
            let size := extcodesize(code)
            extcodecopy(code, 0, 0, size)
            return(0, size)
        }
    }
}
